"""What publication costs at England's size: protector and attacker beside thresholds alone."""
