"""Keys, certificates, PAdES signatures and their validation.

Knows nothing of HTTP, settings, people's files or the other two packages: values in, values out. Other packages import
from the sub-packages' public names.
"""
