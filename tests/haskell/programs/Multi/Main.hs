{-# LANGUAGE TemplateHaskell #-}
-- A program of four modules, two of which import each other's types through a third, with an
-- orphan-free class hierarchy across modules and a Template Haskell helper.
module Main (main) where

import Data.Shape
import Gen (power)
import Report

main :: IO ()
main = do
  putStr (report [circle 1, square 2, circle 0.5])
  print ($(power 5) (3 :: Integer))
