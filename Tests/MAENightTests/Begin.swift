import MAENight
