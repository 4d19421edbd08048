-- Foldable, Traversable, Monoid and Applicative instances: First, Any, Ap, Compose, ZipList,
-- NonEmpty, Functor products.
module Main (main) where

import Control.Applicative
import Data.Foldable
import Data.Functor.Compose
import Data.Functor.Identity
import qualified Data.List.NonEmpty as N
import Data.Monoid
import Data.Semigroup (Max (..), Min (..), sconcat)
import Data.Traversable

main :: IO ()
main = do
  print (getSum (foldMap Sum [1 .. 10 :: Int]), getAll (foldMap (All . even) [2, 4 :: Int]), getFirst (foldMap First [Nothing, Just 'a', Just 'b']))
  print (sconcat (Max 3 N.:| [Max 9, Max (4 :: Int)]), Min 'x' <> Min 'c', mconcat ["a", "b"])
  print (traverse (\x -> if x > 0 then Right x else Left ("bad " ++ show x)) [3, 2, -1, -2 :: Int])
  print (sequenceA [Just 1, Just (2 :: Int)], getZipList ((+) <$> ZipList [1, 2, 3] <*> ZipList [10, 20 :: Int]))
  print (getCompose (Compose [Just 1, Nothing] <|> Compose [Just (2 :: Int)]), runIdentity (forM [1, 2] (Identity . (* 2))) :: [Int])
  print (N.group "aabbbc", N.head (5 N.:| [6 :: Int]), liftA2 (,) [1, 2 :: Int] "ab", asum [Nothing, Just 'z'])
  print (foldr' (-) 0 [1 .. 5 :: Int], foldrM (\x a -> if a > 100 then Nothing else Just (a + x)) 0 [1 .. 10 :: Int], appEndo (foldMap (Endo . (+)) [1, 2, 3]) (0 :: Int))
  print (snd (mapAccumR (\a b -> (a + b, a)) 0 [1 .. 5 :: Int]))
