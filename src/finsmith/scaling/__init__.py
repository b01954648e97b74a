"""How accuracy grows with data: trainings on parts of it as DVC experiments, and the curve through them."""
