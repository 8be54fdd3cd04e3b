"""The stages of a gate: the library, every single fault of the flows, generated histories."""
