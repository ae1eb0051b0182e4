"""The demo's invented world: hand-written posts and files, and a sample web that serves them."""
