-- Allocation and young collections: trees that are built and thrown away, with one that lives on.
module Main (main) where

import Data.List (foldl')

data Tree = Leaf | Node Tree Tree

make :: Int -> Tree
make 0 = Node Leaf Leaf
make d = Node (make (d - 1)) (make (d - 1))

nodes :: Tree -> Int
nodes Leaf = 0
nodes (Node a b) = 1 + nodes a + nodes b

main :: IO ()
main = do
  let lasting = make 15
      rounds = foldl' (\acc d -> acc + nodes (make (d `mod` 4 + 12))) 0 [1 .. 900 :: Int]
  print rounds
  print (nodes lasting)
