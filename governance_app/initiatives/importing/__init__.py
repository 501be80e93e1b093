"""Reading an inventory of any shape: table, mapping, values, keys, differences. No Django here."""
