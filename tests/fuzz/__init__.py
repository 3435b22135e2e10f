"""What strangers and members may send, thrown at whatever reads it: a little in every run, for long by script/fuzz."""
