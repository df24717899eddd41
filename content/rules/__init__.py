"""Rules a text or a fact must keep, each as plain functions over what is written."""
