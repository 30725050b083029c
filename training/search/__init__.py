"""Many runs: k-fold, hyper-parameters, ensembles, a smoke test of every system."""
