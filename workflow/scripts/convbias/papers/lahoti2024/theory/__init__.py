"""The theory of lahoti2024: its networks, their exact risk, and gradient descent on them."""
