"""Pages in through one door, rows out: tables, intake, ledger, search, exports."""
