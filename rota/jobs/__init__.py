"""Background work: what runs, where, with what progress."""
