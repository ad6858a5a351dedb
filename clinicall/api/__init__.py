"""The JSON edge: parse, call one verb, answer."""
