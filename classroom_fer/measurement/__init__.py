"""From tracks to what may be said of the class. Pure: no model, no film, no clock."""
