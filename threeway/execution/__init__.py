"""How work is executed: here or in several processes, and what is finished is kept. No bit of any
output depends on it.
"""
