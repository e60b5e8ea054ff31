"""What the person who asks may see: actor, permissions, switches, the gate on every route, the scope of every query."""
