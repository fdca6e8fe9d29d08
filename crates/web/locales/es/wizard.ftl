wizard-back-to-steps = Volver a los primeros pasos
