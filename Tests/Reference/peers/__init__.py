"""The parts of compare_peers.py: engines, turns, and the tables it prints."""
