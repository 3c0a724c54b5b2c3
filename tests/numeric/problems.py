"""Worked problems written for these tests; none is taken from a data set."""

APPLES = (
    "Ruth picks 36 pears and gives 14 of them to her aunt. She sells the rest at $3 each. "
    "How much does she earn?",
    "Ruth has 36 - 14 = <<36-14=22>>22 pears to sell.\nShe earns 22 * $3 = $<<22*3=66>>66.\n#### 66",
)
DISCOUNT = (
    "A lamp costs $80. It is sold with a discount of 25%. What does the buyer pay?",
    "The discount is 80 * 25/100 = $<<80*25/100=20>>20.\nThe buyer pays 80 - 20 = $<<80-20=60>>60.\n#### 60",
)
LATER = (
    "Nora reads twenty-four pages on Monday and 31 pages on Tuesday. "
    "How many pages does she read on both days?",
    "Nora reads 24 + 31 = <<24+31=55>>55 pages.\nSo she reads 55 pages.\n#### 55",
)
CHAIN = (
    "A baker fills 17 trays with 42 rolls each. He sells 530 rolls for $1.25 each. "
    "How many rolls stay unsold?",
    "He bakes 17 * 42 = <<17*42=714>>714 rolls.\n714 - 530 = <<714-530=184>>184 rolls stay unsold.\n#### 184",
)
THOUSANDS = (
    "A town of 12,400 people grows by 1,300 people each year for 6 years. How many people live there then?",
    "It grows by 1300 * 6 = <<1300*6=7800>>7,800 people.\n"
    "Then 12,400 + 7,800 = <<12400+7800=20200>>20,200 people live there.\n#### 20,200",
)
DECIMALS = (
    "A ribbon of 7.5 meters is cut. Lena adds 4.5 meters of another ribbon. How long are the ribbons in all?",
    "The ribbons are 7.5 + 4.5 = <<7.5+4.5=12>>12 meters long.\n#### 12",
)
UNMARKED = (
    "Omar buys 13 pens at $4 each and a bag for $35. He pays with $110. What is his change?",
    "The pens cost 13 * 4 = $<<13*4=52>>52.\nHe spends $52 + $35 = $87.\n"
    "His change is 110 - 87 = $<<110-87=23>>23.\n#### 23",
)
ALL = (APPLES, DISCOUNT, LATER, CHAIN, THOUSANDS, DECIMALS, UNMARKED)
