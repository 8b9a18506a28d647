"""Questions that sugeup answers, one module each; every face is a loop over them."""
