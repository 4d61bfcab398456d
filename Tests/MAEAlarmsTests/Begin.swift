import MAEAlarms
