"""What leaves the house: workbooks, CSV files and the reports that fill them."""
