"""Classifies rows of JSON Lines on a Spark cluster: see docs/spark.md.

    spark-submit classify_rows.py INPUT OUTPUT COMMAND [--partitions N]
"""

import argparse
import os

from pyspark.sql import SparkSession


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("input", help="rows, one JSON object a line: a file or folder that every worker can read")
    parser.add_argument("output", help="folder for the answers, part by part in the order of the rows; must not exist")
    parser.add_argument("command", help="the command line, as in: glance classify --jsonl --processes 1")
    parser.add_argument("--partitions", type=int, default=None, help="least number of parts (default: Spark's own)")
    options = parser.parse_args()

    spark = SparkSession.builder.appName("glance").getOrCreate()
    rows = spark.sparkContext.textFile(options.input, options.partitions)
    answers = rows.pipe(
        options.command,
        # By itself the command gets no environment at all, and so finds no programs.
        env={"PATH": os.environ["PATH"]},
        # A copy that ends with an error fails its task, which Spark then repeats. Without this its answers would be missing.
        checkCode=True,
    )
    answers.saveAsTextFile(options.output)
    spark.stop()


if __name__ == "__main__":
    main()
