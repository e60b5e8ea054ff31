"""Room analytics for live video rooms, launched from an LMS by LTI 1.3."""
