"""Rules about the repository itself: who may import what, what the wheel holds, what the README says."""
