"""What stands beside a lesson's files so that no edit is lost: journal, owner, earlier generations."""
