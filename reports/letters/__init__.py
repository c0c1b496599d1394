"""Letters as PDF: `document.write(file, letters)`. The same letters make the same bytes, whenever they are made.

fonts     DejaVu Sans Condensed (https://dejavu-fonts.github.io), from the npm package dejavu-fonts-ttf 2.37.3, with its
          licence beside it; embedded into every document
flowing   the cleaned HTML of a letter as paragraphs and tables
paging    where everything stands on the sheet: window, sender, date, text, page numbers
"""
