"""Many variants of one scenario: expanded, solved side by side, kept and compared."""
