"""The contract: behaviours, each written once, played on the fakes and on the real parts, and compared.

It stands beside `tests` since it is a program of its own (`python -m contract`, as root); `tests/contract` plays it on
the fakes alone, against what the real parts were seen to do (`contract/recorded`).
"""
