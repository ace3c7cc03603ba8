"""What a node is: how one is declared, what is known of it, what it may ask of its surroundings."""
