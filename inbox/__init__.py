"""What people and programs send to Earful and see of it: so far the door for in-app feedback."""
