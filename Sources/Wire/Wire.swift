// Octets and header values; formats without behaviour.
