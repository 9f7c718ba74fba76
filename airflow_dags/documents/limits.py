"""How large a document may be, and why: a file that a person uploads must not be able to bring a worker down.

Whole documents (JSON, workbooks, tables that a stream wants at once) are held in memory, so they are bounded by what
they grow to; delimited text that is read piece by piece is not held, so its bound is only against endless streams.
"""

MIB = 1024**2

# Decompressed. A year of a very large seller's settlements is some GiB; nothing that a platform makes is larger.
MAX_BYTES = 4096 * MIB
# Decompressed, of a document that is read as a whole: a month of a large seller's order lines is about 300 MiB.
MAX_WHOLE_BYTES = 512 * MIB
# Reports compress 5 to 40 times. A document may compress better as long as it stays small.
MAX_RATIO = 200
FREE_OF_RATIO = 16 * MIB
# The widest report has 250 columns. An empty column costs memory too: a million of them fills a gigabyte.
MAX_COLUMNS = 2000
MAX_HEADER_BYTES = MIB
# A cell costs at least five bytes beside its text, so tables of nearly empty cells grow most.
MAX_CELLS = 50_000_000
# Helpdesk messages are the longest texts; PostgreSQL takes up to 1 GiB, but nobody reads that.
MAX_CELL_BYTES = MIB
# Lines whose cells don't fit the header: so many mean that it is another kind of file.
MAX_BROKEN_LINES = 20_000
LONGEST_BROKEN_LINE = 2000
# What a JSON document that is read as a whole may take in memory, by its punctuation: an object with its table of
# names, a list, and a value with its place. Long lists of rows are read some thousands at a time instead.
MAX_JSON_MEMORY = 320 * MIB
JSON_BYTES = {b"{": 250, b"[": 80, b",": 60, b":": 60}
MAX_JSON_DEPTH = 100
# Excel's own bounds are 1,048,576 rows and 16,384 columns a sheet; reading takes about 2 seconds per 100,000 rows of
# ten cells, and a person who has more is better served by CSV.
MAX_WORKBOOK_CELLS = 1_000_000
MAX_WORKBOOK_ELEMENTS = 3_000_000
MAX_WORKBOOK_BYTES = 256 * MIB
# Parts beside the sheets and their texts (styles, relations): a megabyte is already a broken workbook.
MAX_PART_BYTES = 4 * MIB
MAX_PARTS = 5000
