"""What people make for themselves out of facts and pages; what they type stays on their device."""
