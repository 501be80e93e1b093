"""One module per outside system; each holds one subclass of ``connectors.base.Plugin``."""
