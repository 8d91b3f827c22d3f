from . import kams_demo
