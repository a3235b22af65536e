"""Everything that leaves the house passes here."""
