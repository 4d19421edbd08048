-- Indexes out of bounds are exceptions that a program can catch. Catches unchecked accesses.
module Main (main) where

import Control.Exception
import Data.Array
import qualified Data.Map as M
import qualified Data.Sequence as S

main :: IO ()
main = do
  let a = listArray (0, 4) [10 ..] :: Array Int Int
  t (a ! 2)
  t (a ! 5)
  t (a ! (-1))
  t ((listArray ((0, 0), (1, 1)) "abcd" ! (2 :: Int, 0 :: Int)) :: Char)
  t ([1, 2, 3] !! 7 :: Int)
  t ([1, 2, 3] !! (-1) :: Int)
  t (M.fromList [(1 :: Int, 'a')] M.! 2)
  t (S.index (S.fromList "xy") 9)
  t (throw (IndexOutOfBounds "mine") :: Int)
  t (throw (UndefinedElement "mine") :: Int)
  where
    t :: Show a => a -> IO ()
    t x = do
      r <- try (evaluate x)
      putStrLn (either (\e -> "exception: " ++ takeWhile (/= '\n') (show (e :: SomeException))) show r)
