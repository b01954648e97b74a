"""What the own model costs beside a hosted one, and what more rows would take; pure calculation."""
