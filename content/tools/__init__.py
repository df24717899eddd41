"""What a reader works with: plain functions over published facts and pages. Nothing here ranks or advises."""
