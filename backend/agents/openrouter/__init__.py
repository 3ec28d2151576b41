"""Language models over OpenRouter: chat model, streaming, catalogue, failures."""
