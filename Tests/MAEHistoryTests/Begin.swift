import MAEHistory
