"""Landing what suppliers delivered."""
