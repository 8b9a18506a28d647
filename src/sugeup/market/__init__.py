"""The Korean market as facts: investors, sessions, codes, publication times, rules. Pure, dated, with evidence."""
