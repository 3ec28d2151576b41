"""Attacks on a running product, each beside a bystander whose longest wait is what is measured."""
