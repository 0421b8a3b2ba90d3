"""What programmes and facilitators take home: attendance, groups, reviews, polls, as JSON and as CSV.

Each module has a pydantic model that is built from a workshop's state and nothing else, and the rows of it for a table. Where there is a record
that facilitators see, the export is made of that record, so it cannot say more than they may know.
"""
