"""What Earful costs: each module measures one job and prints CPU seconds and ratios."""
