wizard-back-to-steps = Voltar aos primeiros passos
