"""The questions, in SQL, by what they are about. Every one takes the scope of whoever asks."""
