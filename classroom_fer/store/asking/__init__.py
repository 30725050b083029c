"""Questions in SQL that other people write: asked on connections that cannot change anything."""
