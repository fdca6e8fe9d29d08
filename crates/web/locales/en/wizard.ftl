wizard-back-to-steps = Back to the first steps
